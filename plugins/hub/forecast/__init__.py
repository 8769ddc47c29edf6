"""Stage: forecasts of reports an area and period, and the backtest that says whether they are worth publishing."""
