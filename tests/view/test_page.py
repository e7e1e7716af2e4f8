"""The page drawn without a browser: both languages, errors that become sentences, refusals at the start."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import view_commands
from app.view.session import Session
from experiments.claims import VERDICT_ZH
from kit.errors import BadInput


@pytest.fixture(scope="module")
def kit() -> Iterator[Any]:
    """The modules of the page, loaded as the server loads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import solara

        from app.view import compare, evidence, live, page, state

        class Kit:
            render, modules = staticmethod(solara.render), (live, compare, evidence)
            pages, visitor, component = page, state, staticmethod(solara.component)

        yield Kit


@pytest.fixture
def tab(kit: Any) -> Iterator[Any]:
    """A visitor's state with a run of a few weeks."""
    visitor = kit.visitor
    visitor.run.value = Session("history-2023", 1)
    yield visitor
    for kept, usual in ((visitor.run, None), (visitor.agent, ""), (visitor.place, ""), (visitor.language, "en")):
        kept.value = usual


def texts(box: Any) -> str:
    """All words of what was drawn."""
    found = [
        str(getattr(box, name, "") or "") for name in ("children", "svg", "v_slots", "label") if name != "children"
    ]
    for child in getattr(box, "children", None) or ():
        found.append(child if isinstance(child, str) else texts(child))
    return " ".join(found)


def shown(kit: Any, element: Any) -> str:
    """The words of a drawn element."""
    box, context = kit.render(element, handle_error=False)
    told = texts(box)
    context.close()
    return told


def test_every_page_is_drawn_in_both_languages(kit: Any, tab: Any) -> None:
    live, compare, evidence = kit.modules
    tab.agent.value, tab.place.value = "CHN", "refined|CHN"
    tab.policy.value = next(iter(tab.run.value.policies))
    for tongue, words in (("en", ("Pause", "Play", "Time line")), ("zh", ("播放", "時間軸"))):
        tab.language.value = tongue
        told = (
            shown(kit, live.Live())
            + shown(kit, compare.Compare("history-2023"))
            + shown(kit, evidence.Evidence(tongue))
        )
        assert any(word in told for word in words[:-1])
        assert words[-1] in told
    pairs = [f"{verdict} {word}" for verdict, word in VERDICT_ZH.items()]
    assert [pair for pair in pairs if pair not in told] == []  # the Chinese page explains every verdict of the ledger


def test_a_model_that_fails_becomes_a_sentence_and_the_page_lives_on(kit: Any, tab: Any) -> None:
    def fail() -> None:
        raise AssertionError("mass is lost")

    tab.run.value.main.step = fail
    tab.playing.value = True
    tab.play()
    assert "mass is lost" in tab.problem.value
    assert not tab.playing.value
    assert tab.run.value.date in shown(kit, kit.modules[0].Live())


def test_a_run_that_cannot_be_made_leaves_the_old_one(kit: Any, tab: Any) -> None:
    before = tab.run.value
    for maker, said in ((lambda: Session("renewd"), "Did you mean 'renewed'"), (lambda: 1 / 0, "division by zero")):
        tab.make("building", maker)
        tab.fetch()
        assert said in tab.problem.value
        assert tab.wanted.value is None
    assert tab.run.value is before


def test_a_part_that_cannot_be_drawn_says_so(kit: Any, tab: Any) -> None:
    @kit.component
    def Broken() -> None:
        raise KeyError("no such good")

    assert "no such good" in shown(kit, kit.pages.Guarded(Broken))


@pytest.mark.parametrize(("language", "said"), [("en", "is in use"), ("zh", "已被使用")])
def test_a_port_in_use_is_refused_in_the_language_chosen(language: str, said: str) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInput, match=said):
            view_commands.refuse_a_port_in_use("127.0.0.1", taken.getsockname()[1], language)


@pytest.mark.parametrize(("language", "said"), [("en", "not a country"), ("zh", "情境或參數有誤")])
def test_a_scenario_with_errors_is_refused_in_the_language_chosen(
    tmp_path: Any, language: str, said: str, monkeypatch: Callable[..., Any]
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("extends: calm\ncauses: [{id: a, instrument: bann}]\n", encoding="utf-8")
    with pytest.raises(BadInput) as told:
        view_commands.check(str(file), "default", language)
    assert "bann" in str(told.value)
    assert language == "en" or said in str(told.value)


def test_without_the_front_end_the_view_says_that_the_page_would_be_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_commands, "NEEDED", ("solara", "no_such_package"))
    for language, said in (("en", "would be blank without no_such_package"), ("zh", "空白")):
        with pytest.raises(BadInput, match=said):
            view_commands.view("calm", 8765, "127.0.0.1", "default", language)
