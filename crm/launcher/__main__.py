import sys

from crm.embedded.places import EmbeddedServerError
from crm.embedded.stopping import Stopped, listen
from crm.launcher import bench, bench_matching, checks, seed, site
from crm.launcher.terminal import LauncherError

COMMANDS = {
    "run": site.run,
    "lint": checks.lint,
    "test": checks.test,
    "test-all": checks.test_all,
    "seed": seed.run,
    "bench": bench.run,
    "bench-matching": bench_matching.run,
}


def main(name="", *arguments):
    if name not in COMMANDS:
        sys.exit(f"usage: python -m crm.launcher {{{'|'.join(COMMANDS)}}}")
    listen()
    try:
        return COMMANDS[name](*arguments)
    except (LauncherError, EmbeddedServerError) as error:
        return f"\n{error}"
    except Stopped:
        return 0 if name == "run" else "\nStopped."


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
