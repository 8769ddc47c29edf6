"""Starting, watching and stopping the hub's processes on one machine."""
