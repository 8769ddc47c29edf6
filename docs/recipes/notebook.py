"""The recipes as a marimo notebook, read as the analyst: each question with its answer, its statement and, where it is
by month, a chart.

    .venv/bin/marimo edit docs/recipes/notebook.py

The same connection as every ``hub`` command (``HUB_HOME`` or ``HUB_WAREHOUSE_URL``). Figures are exact and for the
hub's own use; what is saved from here stays with it.
"""

import marimo

app = marimo.App(app_title="Recipes of the hub", width="medium")


@app.cell
def _():
    import os
    import re
    from pathlib import Path

    import marimo as mo
    import pandas as pd
    import sqlalchemy as sa

    from hub.settings import read_settings
    from hub.warehouse.engine import open_warehouse
    from hub.warehouse.roles import Role

    folder = Path(__file__).parent
    warehouse = open_warehouse(read_settings(os.environ), Role.ANALYST)
    return Path, folder, mo, pd, re, sa, warehouse


@app.cell
def _(folder, re):
    rows = re.findall(r"^\| (.+?) \| \[\w+\]\((\w+\.sql)\) \|", (folder / "README.md").read_text(), re.MULTILINE)
    recipes = {question: (folder / name).read_text() for question, name in rows}
    return (recipes,)


@app.cell
def _(pd, recipes, sa, warehouse):
    with warehouse.connect() as connection:
        answers = {question: pd.read_sql(sa.text(text), connection) for question, text in recipes.items()}
    return (answers,)


@app.cell
def _(warehouse, pd, sa):
    _query = """
        select max(data_as_of) as data_as_of, max(published_at) as published_at,
            sum(count_rows_simulated) as count_rows_simulated
        from publish.freshness_v1
    """
    with warehouse.connect() as _connection:
        state = pd.read_sql(sa.text(_query), _connection)
    return (state,)


@app.cell
def _(answers, mo, recipes, state):
    def chart(answer):
        """Lines by month: of the shares where there are some, else of all figures. None where rows are not months."""
        if answer.empty or answer.columns[0] != "month" or answer["month"].duplicated().any():
            return None
        figures = answer.set_index("month").select_dtypes("number")
        shares = figures.filter(like="share")
        return (figures if shares.empty else shares).plot(figsize=(9, 3), marker="o", grid=True).figure

    def section(question):
        parts = [mo.md(f"## {question}"), mo.ui.table(answers[question], selection=None), chart(answers[question])]
        statement = mo.accordion({"The statement": mo.md(f"```sql\n{recipes[question]}\n```")})
        return mo.vstack([part for part in (*parts, statement) if part is not None])

    mo.vstack([mo.md("# Recipes"), mo.ui.table(state, selection=None), *map(section, recipes)])


if __name__ == "__main__":
    app.run()
