"""What the program asks of the operating system: files, processes, streams, exit codes, secrets."""
