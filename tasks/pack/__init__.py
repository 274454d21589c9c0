"""The evidence pack of one batch: a ZIP that anybody can check with a bare Python, without Sinkron or its database."""
