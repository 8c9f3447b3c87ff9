# syntax=docker/dockerfile:1

# --- built here, and not kept -------------------------------------------------------------------
FROM python:3.11-slim-bookworm AS build

WORKDIR /build
RUN python -m venv /opt/sluice
ENV PATH=/opt/sluice/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY legacy_backend legacy_backend
COPY migrations migrations
# hadolint ignore=DL3013
RUN pip install '.[postgres,speed]' \
    && python -m compileall -q /opt/sluice

# --- what runs ----------------------------------------------------------------------------------
FROM python:3.11-slim-bookworm

# libmagic tells the type of a file that is sent.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libmagic1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin sluice \
    && install --directory --owner=sluice --group=sluice --mode=0750 /data

COPY --from=build /opt/sluice /opt/sluice
COPY contrib/healthcheck.py /usr/local/lib/sluice/healthcheck.py
# Nothing is written beside /data, so that the root file system may be read-only.
ENV PATH=/opt/sluice/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/data TMPDIR=/data

USER 10001:10001
WORKDIR /data
VOLUME /data
# Of the web chat, if that is the network; the gateway itself only connects to the XMPP server.
EXPOSE 8067

STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/usr/local/lib/sluice/healthcheck.py", "/data/config.toml"]
# No shell in between: SIGTERM reaches the gateway, which finishes what is in flight.
ENTRYPOINT ["sluice"]
CMD ["run", "-c", "/data/config.toml"]
