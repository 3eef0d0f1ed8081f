# One image for every process: Airflow's own, the operators' pages and the command line run the same checkout.
FROM python:3.12-slim-bookworm AS build
COPY requirements-setup.txt requirements.txt /build/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /build/requirements-setup.txt \
 && /opt/venv/bin/uv pip sync --no-cache --python /opt/venv/bin/python --require-hashes --compile-bytecode /build/requirements-setup.txt /build/requirements.txt

FROM python:3.12-slim-bookworm
RUN useradd --uid 50000 --create-home --shell /usr/sbin/nologin postmarket \
 && install -d -o postmarket -g postmarket /var/lib/postmarket /var/lib/postmarket/airflow /var/lib/postmarket/lake
COPY --from=build /opt/venv /opt/venv
COPY --chown=root:root dags /opt/postmarket/dags
COPY --chown=root:root plugins /opt/postmarket/plugins
COPY --chown=root:root include /opt/postmarket/include
COPY --chown=root:root requirements.txt pyproject.toml /opt/postmarket/
WORKDIR /opt/postmarket
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/postmarket \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/var/lib/postmarket/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/postmarket/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/postmarket/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    GX_ANALYTICS_ENABLED=false \
    POSTMARKET_HOME=/var/lib/postmarket
USER postmarket
ENTRYPOINT ["airflow"]
CMD ["version"]
