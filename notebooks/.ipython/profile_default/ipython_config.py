"""What a notebook of `make lab` begins with: an edited `kpi_lib` counts at the next cell."""

c = get_config()  # noqa: F821 - IPython's own, where it reads this file
c.InteractiveShellApp.extensions = ["autoreload"]
c.InteractiveShellApp.exec_lines = ["%autoreload 2"]
