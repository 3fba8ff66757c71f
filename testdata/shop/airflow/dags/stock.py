"""Reads the warehouse's nightly stock list."""

import pendulum
from airflow.decorators import dag, task


@dag(schedule="15 3 * * *", start_date=pendulum.datetime(2024, 1, 1), catchup=False)
def stock():
    @task
    def load():
        print("read /srv/partner/stock.csv")

    load()


stock()
