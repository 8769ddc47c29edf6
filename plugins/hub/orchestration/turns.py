"""How runs of a DAG that assets start take turns, how much one run takes on, and where its tasks run."""

RUNS_AT_ONCE = 2
"""One run works, a second one waits for it; events that come meanwhile are gathered for a third.

With a limit of one run, files wait up to a minute now and then: Airflow's DAG processor, which reads a DAG just as
its run ends, notes down that the limit is reached, and no run is made until it reads the DAG again. At a limit of
two, the end of the second run puts that right.
"""

ONE_AT_A_TIME = 1
"""The limit over all runs of the task that does their work."""

ANYWHERE = "anywhere"
"""The queue of tasks that need nothing of the hub's own machine but its database and its store. Workers on other
machines take these alone; all other tasks are in the default queue, which workers beside the hub's home take too."""

MOST_MAPPED = 10_000
"""The longest list that a task is mapped over: so many deliveries of a feed in one run."""
