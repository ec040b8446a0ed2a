# One image for every service of ours: Airflow's four components and all workers.
FROM python:3.11-slim-bookworm

# The scraping worker drives a real browser.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium chromium-driver tini \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/stocks
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt

COPY pyproject.toml README.md ./
COPY include ./include
COPY dags ./dags
COPY plugins ./plugins
RUN pip install --no-cache-dir --no-deps --editable . \
 && useradd --create-home --uid 10001 stocks \
 && mkdir -p /var/lib/stocks \
 && chown stocks: /var/lib/stocks

USER stocks
ENV PYTHONPATH=/opt/stocks \
    PYTHONUNBUFFERED=1 \
    STOCKS_HOME=/var/lib/stocks \
    AIRFLOW_HOME=/var/lib/stocks/airflow

# tini reaps the browser's children and passes SIGTERM on.
ENTRYPOINT ["tini", "--"]
CMD ["stocks", "--help"]
