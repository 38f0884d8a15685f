#!/bin/bash
# sbatch slurm.sh: one task a machine, which starts a process for each of its GPUs. Submit it in this folder, which all
# machines must see under the same path. We had no SLURM to try it on.
#SBATCH --job-name=rlhf-lab
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --time=02:00:00
#SBATCH --output=%x-%j.log
set -euo pipefail
cd "$SLURM_SUBMIT_DIR"
source venv/bin/activate

gpus=${SLURM_GPUS_ON_NODE:-4}
export MASTER=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
export PROCESSES=$((SLURM_NNODES * gpus))
# In single quotes: SLURM_NODEID is each machine's own.
srun bash -c 'accelerate launch --config_file many-processes.yaml \
  --num_machines "$SLURM_NNODES" --machine_rank "$SLURM_NODEID" --num_processes "$PROCESSES" \
  --main_process_ip "$MASTER" --main_process_port 29500 train.py'
