"""`python -m rayinfer_cli` is the command `rayinfer`."""

from rayinfer_cli.main import main

if __name__ == "__main__":
    main()
