"""What each command of ``sinkron`` does. One module per reader: office, people, decisions, reading."""
