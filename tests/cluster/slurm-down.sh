#!/usr/bin/env bash
# Ends only the processes that slurm-up.sh has recorded.
# usage: slurm-down.sh ROOT
root=${1:?root folder}
tac "$root/pids" | while read -r p; do kill "$p" 2>/dev/null || true; done
for _ in $(seq 50); do
  alive=0; while read -r p; do kill -0 "$p" 2>/dev/null && alive=1; done < "$root/pids"
  [ $alive = 0 ] && exit 0; sleep 0.2
done
while read -r p; do kill -9 "$p" 2>/dev/null || true; done < "$root/pids"
