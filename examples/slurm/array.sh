#!/bin/bash
# A sweep in as many parts as the array has tasks, each with a file of its own. A task that is stopped queues itself again and goes on
# with the points that its file lacks. merge.sh makes one table of the parts:
#
#     job=$(sbatch --parsable --array=1-10 array.sh [OPTIONS...])
#     sbatch --dependency=afterany:$job merge.sh
#
# A point's seed follows from its values alone, so the table is the same for any number of parts.
#SBATCH --job-name=kramers_sweep
#SBATCH --array=1-10
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --time=01:00:00
#SBATCH --signal=USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=kramers_%A_%a.log

: "${SLURM_ARRAY_TASK_ID:?this is for sbatch --array=1-N}"
part=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))
kramers=${KRAMERS:-kramers}

srun "$kramers" sweep arrhenius --vary dynamics.temperature=0.12:0.36:40 \
    --set escape.method=auto "$@" \
    --part "$part/$SLURM_ARRAY_TASK_COUNT" -o "part_$part.csv" --threads "${SLURM_CPUS_PER_TASK:-1}" --quiet
status=$?

case $status in
138 | 143 | 152) # SIGUSR1, SIGTERM, SIGXCPU: there is more to do
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" ;;
esac
exit $status
