"""WHEN things happen: the flow, its gates, the server, the command line. The only room that knows Prefect."""
