"""Pages of our documents as HTML: headings, paragraphs and tables, everything escaped."""

from __future__ import annotations

from html import escape


def as_html(text: str) -> str:
    """Headings, paragraphs and tables of a page of ours as HTML; everything is escaped."""
    parts, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([escape(cell.strip()) for cell in line.strip("|").split("|")])
            continue
        if rows:
            parts.append(table(rows))
            rows = []
        level = len(line) - len(line.lstrip("#"))
        body = escape(line[level:].strip())
        if body:
            parts.append(f"<h{level + 1}>{body}</h{level + 1}>" if level else f"<p>{body}</p>")
    return "".join(parts)


def table(rows: list[list[str]], keys: list[str] | None = None) -> str:
    """A table; the line of dashes is left out. With keys each row is a button."""
    head, *rest = [row for row in rows if not set("".join(row)) <= {"-"}]
    told = "".join(f"<th>{cell}</th>" for cell in head)
    marks = [f" data-key='{escape(key)}' role='button' tabindex='0'" for key in keys or ()] or [""] * len(rest)
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rest)
    body = "".join(f"<tr{mark}>{row}</tr>" for mark, row in zip(marks, cells, strict=True))
    return f"<table class='evidence'><tr>{told}</tr>{body}</table>"


def table_of(rows: list[list[str]], keys: list[str] | None = None) -> str:
    """A table of plain texts, the first row its head; everything is escaped. With keys each row is a button."""
    return table([[escape(str(cell)) for cell in row] for row in rows], keys)
