"""``python -m holdfast`` is the ``holdfast`` command."""

from holdfast.checker.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
