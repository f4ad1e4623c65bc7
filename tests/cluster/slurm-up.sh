#!/usr/bin/env bash
# One-machine SLURM, no systemd, no cgroups, everything under one private folder.
# usage: slurm-up.sh ROOT [NODES] [CPUS_PER_NODE]   (as root; SLURM_TEST_PORT for a second instance)
set -euo pipefail
root=${1:?root folder}; nodes=${2:-1}; cpus=${3:-2}
base=${SLURM_TEST_PORT:-26817}
host=$(hostname -s)
# munged refuses a socket dir it does not trust: every parent must be root-owned or sticky
mkdir -p "$root"/{munge,state,spool,log}
chmod 0755 "$root" "$root"/munge "$root"/state "$root"/spool "$root"/log
[ -s "$root/munge/key" ] || (umask 077; dd if=/dev/urandom of="$root/munge/key" bs=1024 count=1 status=none)
cat > "$root/slurm.conf" <<CONF
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$base
AuthType=auth/munge
AuthInfo=socket=$root/munge/socket
CredType=cred/munge
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool/%n
SlurmctldPidFile=$root/slurmctld.pid
SlurmdPidFile=$root/slurmd.%n.pid
SlurmctldLogFile=$root/log/slurmctld.log
SlurmdLogFile=$root/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$root/log/jobcomp.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=2,batch_sched_delay=0
MpiDefault=none
ReturnToService=2
MaxArraySize=100001
MaxJobCount=120000
MinJobAge=300
KillWait=5
SlurmctldTimeout=30
SlurmdTimeout=30
CONF
if [ "$nodes" = 1 ]; then
  echo "NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base+1)) CPUs=$cpus State=UNKNOWN" >> "$root/slurm.conf"
  echo "PartitionName=main Nodes=n1 Default=YES MaxTime=INFINITE State=UP" >> "$root/slurm.conf"
else
  echo "NodeName=n[1-$nodes] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((base+1))-$((base+nodes))] CPUs=$cpus State=UNKNOWN" >> "$root/slurm.conf"
  echo "PartitionName=main Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE State=UP" >> "$root/slurm.conf"
fi
export SLURM_CONF="$root/slurm.conf"
: > "$root/pids"
munged --foreground --force --num-threads 2 --socket "$root/munge/socket" --key-file "$root/munge/key" \
  --pid-file "$root/munge/pid" --log-file "$root/munge/log" --seed-file "$root/munge/seed" >"$root/log/munged.out" 2>&1 &
echo $! >> "$root/pids"
for _ in $(seq 50); do [ -S "$root/munge/socket" ] && break; sleep 0.1; done
slurmctld -D -c >"$root/log/slurmctld.out" 2>&1 &
echo $! >> "$root/pids"
for i in $(seq "$nodes"); do
  slurmd -D -N "n$i" >"$root/log/slurmd.n$i.out" 2>&1 &
  echo $! >> "$root/pids"
done
for _ in $(seq 100); do
  idle=$(sinfo -h -N -t idle -o '%N' 2>/dev/null | wc -l)
  [ "$idle" -ge "$nodes" ] && { echo "slurm up: SLURM_CONF=$SLURM_CONF"; exit 0; }
  sleep 0.2
done
echo "slurm did not come up; see $root/log" >&2; exit 1
