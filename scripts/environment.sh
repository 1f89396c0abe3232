# Shared by the scripts beside it: finds Python, makes the environment, installs system packages where it may.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
environment="$root/.venv"

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    return 1
}

# make_environment EXTRAS: an environment with the program in it; a second call with nothing changed does nothing.
make_environment() {
    local extras=$1 python stamp="$environment/installed-$1"
    if [ -f "$stamp" ] && [ "$stamp" -nt "$root/pyproject.toml" ] && [ "$stamp" -nt "$root/requirements/dev.txt" ] && [ -x "$environment/bin/python" ]; then
        return
    fi
    python=$(find_python) || fail "Python 3.11 or newer is needed. Nothing was installed. Try: apt install python3.11"
    printf 'Installing into %s, once ...\n' "$environment" >&2
    "$environment/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$environment" ||
        fail "No environment could be made. Nothing was installed. Try: apt install python3-venv"
    local pip=("$environment/bin/python" -m pip install --quiet --disable-pip-version-check)
    # Tests run with the locked releases; a user gets the newest that pyproject.toml allows.
    if [ -n "$extras" ]; then
        install_locked "$root/requirements/dev.txt" && "${pip[@]}" --no-deps --editable "$root"
    else
        "${pip[@]}" --editable "$root"
    fi || fail "The installation failed. Try again when the network is there: $0"
    touch "$stamp"
}

# install_locked FILE: every package is in it, so nothing is resolved; with uv, which loads and compiles several at once,
# or with pip where uv cannot be had or finds no index.
install_locked() {
    local uv
    uv=$(mktemp)
    sed -n '/^uv==/,/[^\\]$/p' "$1" >"$uv"
    { "${pip[@]}" --no-deps --require-hashes --requirement "$uv" && "$environment/bin/uv" pip install --quiet --python \
        "$environment/bin/python" --no-deps --require-hashes --compile-bytecode --requirement "$1"; } ||
        "${pip[@]}" --no-deps --require-hashes --requirement "$1"
    local result=$?
    rm -f "$uv"
    return $result
}

# install_system_packages NAME...: with apt, where the user may; false where that is not possible.
install_system_packages() {
    local run_as=()
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return 1
        run_as=(sudo -n)
    fi
    "${run_as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1 && return
    "${run_as[@]}" apt-get update -qq >/dev/null 2>&1
    "${run_as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1
}

has_portaudio() {
    [ "$(uname -s)" != Linux ] || ldconfig -p 2>/dev/null | grep -q 'libportaudio\.so\.2' || /sbin/ldconfig -p 2>/dev/null | grep -q 'libportaudio\.so\.2'
}
