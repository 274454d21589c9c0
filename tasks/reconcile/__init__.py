"""An extract compared with all earlier ones."""
