"""HOW each step of the SOP is done: plain typed functions over frames and connections. No prefect here."""
