#!/bin/bash
# One table of the parts of array.sh; without all of them it says which points are missing, and ends with 3.
#SBATCH --job-name=kramers_merge
#SBATCH --ntasks=1
#SBATCH --time=00:05:00
#SBATCH --output=kramers_merge_%j.log

"${KRAMERS:-kramers}" sweep --merge part_*.csv -o sweep.csv --force
