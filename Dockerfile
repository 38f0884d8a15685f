# Not built yet: no Docker was at hand. Its commands, but for apt-get, were run in this order by a new user in an empty folder on Debian 12, and the lessons opened.
# docker build -t rlhf-lab . && docker run --rm -p 8888:8888 -v rlhf-lab:/srv/rlhf-lab/my-notebooks rlhf-lab
# The volume keeps answers and progress. Binder and a JupyterHub's spawner take the image too.
FROM node:20-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv g++ make && rm -rf /var/lib/apt/lists/* \
  && install -d -o node /srv/rlhf-lab /srv/rlhf-lab/my-notebooks
USER node
WORKDIR /srv/rlhf-lab
ENV PATH=/srv/rlhf-lab/.venv/bin:$PATH JUPYTER_CONFIG_PATH=/srv/rlhf-lab/course/jupyter/config RLHF_LAB_BUILD=0 \
  RLHF_LAB_STATE=/srv/rlhf-lab/my-notebooks/.state
COPY --chown=node package.json package-lock.json .npmrc ./
COPY --chown=node lib/package.json lib/
COPY --chown=node course/package.json course/
COPY --chown=node docs/package.json docs/
COPY --chown=node scripts/setup.mjs scripts/requirements.txt scripts/
COPY --chown=node scripts/setup scripts/setup
COPY --chown=node course/jupyter/hub/requirements.txt course/jupyter/hub/
RUN node scripts/setup.mjs packages && .venv/bin/pip install -r course/jupyter/hub/requirements.txt && rm -rf ~/.npm ~/.cache/pip
COPY --chown=node . .
RUN node scripts/setup.mjs project
CMD ["npm", "start", "--", "--ip", "0.0.0.0", "--no-browser"]
