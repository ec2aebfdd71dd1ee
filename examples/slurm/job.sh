#!/bin/bash
# One run that outlives its time limit: Slurm sends SIGUSR1 two minutes before the end, kramers keeps what is measured and ends with
# 128 + 10 = 138, and the job queues itself again and goes on from the file.
#
#     sbatch job.sh [SCENE [OPTIONS...]]
#
# The result is that of an unbroken run, to the byte.
#SBATCH --job-name=kramers
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --time=01:00:00
#SBATCH --signal=USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=kramers_%j.log

scene=${1:-double_well}
shift
file=kramers_${SLURM_JOB_ID:?this is for sbatch}.h5
kramers=${KRAMERS:-kramers}

# srun hands the signal on to kramers; a shell that waits does not.
if [ -e "$file" ]; then
    srun "$kramers" resume "$file" --threads "${SLURM_CPUS_PER_TASK:-1}" --quiet
else
    srun "$kramers" run "$scene" "$@" -o "$file" --threads "${SLURM_CPUS_PER_TASK:-1}" --quiet
fi
status=$?

case $status in
138 | 143 | 152) # SIGUSR1, SIGTERM, SIGXCPU: there is more to do
    scontrol requeue "$SLURM_JOB_ID" ;;
esac
exit $status
