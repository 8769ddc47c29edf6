# One image for every Airflow process of the hub; docker-compose.yaml says which process a container is.
ARG PYTHON_IMAGE=python:3.13.5-slim-trixie

FROM ${PYTHON_IMAGE} AS environment
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /opt/hub
COPY requirements.lock ./
RUN uv venv --python /usr/local/bin/python3 .venv \
    && uv pip install --no-cache --python .venv/bin/python --require-hashes --compile-bytecode --requirements requirements.lock
COPY pyproject.toml README.md ./
COPY plugins plugins
RUN uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable .

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 50000 hub \
    && useradd --uid 50000 --gid hub --no-create-home --home-dir /var/lib/hub --shell /usr/sbin/nologin hub \
    && install --directory --owner hub --group hub --mode 0700 /var/lib/hub /var/lib/hub-drop /var/lib/hub-sandbox \
        /var/lib/hub-backup /var/lib/hub-backup-keys /var/lib/hub-audit-heads /var/lib/hub/dashboards \
    && install --directory --owner hub --group hub --mode 0710 /var/lib/hub-pickup
COPY --from=environment /opt/hub /opt/hub
COPY dags /opt/hub/dags
COPY dbt_project /opt/hub/dbt_project
COPY expectations /opt/hub/expectations
COPY recipients /opt/hub/recipients
ENV PATH=/opt/hub/.venv/bin:$PATH \
    HOME=/var/lib/hub \
    HUB_HOME=/var/lib/hub \
    HUB_DROP=/var/lib/hub-drop \
    HUB_SANDBOX=/var/lib/hub-sandbox \
    HUB_PICKUP=/var/lib/hub-pickup \
    HUB_PROJECT=/opt/hub \
    PYTHONUNBUFFERED=1
USER hub
WORKDIR /var/lib/hub
CMD ["hub", "--help"]
