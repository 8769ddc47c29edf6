"""Time that passes between issues of the public statistics."""

import sqlalchemy as sa


def let_a_month_pass(engine: sa.Engine) -> None:
    """All issues that came out are a month older."""
    with engine.begin() as connection:
        connection.execute(sa.text("update disclosure.issues set came_out_at = came_out_at - interval '1 month'"))
        for table in ("issues", "issued_cells", "statements", "cells"):
            months = connection.scalars(
                sa.text(f"select distinct issue_month from disclosure.{table} order by 1")
            ).all()
            for month in months:
                earlier = "issue_month = issue_month - interval '1 month'"
                connection.execute(
                    sa.text(f"update disclosure.{table} set {earlier} where issue_month = :month"), {"month": month}
                )
