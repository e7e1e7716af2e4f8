"""What governments put in force: causes, conditions, the plan of a run and the instruments."""
