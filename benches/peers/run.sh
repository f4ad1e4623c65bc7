#!/usr/bin/env bash
# Measures everything that docs/speed.md shows, on this machine, and writes it there. Nothing else should be running.
#   benches/peers/run.sh [--processor-time] [peers|roofline|scaling ...]    all three unless some are named
# Where something else is running, --processor-time counts what the threads used instead of what the clock says.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-target}"
environment="$target/peers"
clock=
if [ "${1-}" = --processor-time ]; then
    clock=$1 && shift
fi
[ $# -gt 0 ] || set -- peers roofline scaling

cargo build --bin workload --bin xtask
if ! "$environment/bin/python" -c "import jax, matplotlib" 2>/dev/null; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --requirement benches/peers/requirements.txt
fi
for part; do
    case "$part" in
    peers) "$environment/bin/python" benches/peers/compare.py $clock "$target/debug/workload" --page docs/speed.md ;;
    roofline) cargo bench --profile dev --bench roofline | "$environment/bin/python" benches/peers/page.py docs/speed.md roofline ;;
    scaling) "$environment/bin/python" benches/peers/scaling.py $clock "$target/debug/workload" "$target/debug/xtask" --page docs/speed.md ;;
    *) echo "no part $part: there are peers, roofline and scaling" >&2 && exit 2 ;;
    esac
done
