# Builds two images: `worker` (the default) runs temporal-airbyte, `sandbox` runs temporal-airbyte-sandbox. Neither holds the
# packages of the other.
#   docker build -t temporal-airbyte .
#   docker build -t temporal-airbyte-sandbox --target sandbox .
# It needs BuildKit, which every Docker has had since 23.0, and which DOCKER_BUILDKIT=1 turns on in older ones.

FROM node:24.18.0-bookworm-slim AS node
WORKDIR /app

FROM node AS build
COPY package.json package-lock.json .npmrc ./
COPY sandbox/package.json sandbox/
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY activities activities
COPY workflows workflows
COPY src src
COPY worker worker
COPY cli cli
COPY tools tools
COPY sandbox sandbox
RUN npm run build

FROM node AS worker-packages
COPY package.json package-lock.json .npmrc ./
# The optional packages hold native code that bundles workflows, which the build has done. The Temporal SDK holds its native
# library for five platforms and the sources of that library: 150 MB that nothing here can load. Nor does anything read the types
# and the source maps of packages: 40 MB.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --ignore-scripts --workspaces=false \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} + \
  && rm -r node_modules/@temporalio/core-bridge/sdk-core \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
  && ln -s ../../bin/temporal-airbyte.js node_modules/.bin/temporal-airbyte

FROM node AS sandbox-packages
COPY package.json package-lock.json .npmrc ./
COPY sandbox/package.json sandbox/
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --workspace=temporal-airbyte-sandbox \
  && mkdir /state

FROM node AS runtime
ENV NODE_ENV=production PATH=/app/node_modules/.bin:$PATH
# The Temporal SDK uses the certificate authorities of the system, and the slim image has none.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
USER node

FROM runtime AS sandbox
COPY --from=sandbox-packages /app/node_modules node_modules
COPY --from=build /app/sandbox/dist sandbox/dist
COPY sandbox/package.json sandbox/
COPY sandbox/bin sandbox/bin
# A volume that is mounted here belongs to the same user.
COPY --from=sandbox-packages --chown=node:node /state /state
ENTRYPOINT ["node", "sandbox/bin/temporal-airbyte-sandbox.js"]
# On 127.0.0.1 it could not be reached from outside of the container.
CMD ["--host", "0.0.0.0", "--port", "8001"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8001/api/v1/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS worker
# The C library then returns to the system what the SDK's native code frees: see docs/limits.md.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072
COPY --from=worker-packages /app/node_modules node_modules
COPY --from=build /app/dist/workflow-bundle*.js /app/dist/workflow-bundle*.json dist/
COPY --from=build /app/dist/activities dist/activities
COPY --from=build /app/dist/workflows dist/workflows
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/worker dist/worker
COPY --from=build /app/dist/cli dist/cli
COPY --from=build /app/dist/tools dist/tools
COPY package.json pipeline.schema.json fleet.schema.json webhook-routes.schema.json ./
COPY bin bin
COPY examples examples
COPY docker/worker-health.sh docker/
# For a Prometheus in another container set 0.0.0.0:9464. The health check reads the same variable.
ENV AIRBYTE_METRICS_ADDRESS=127.0.0.1:9464
ENTRYPOINT ["temporal-airbyte"]
CMD ["worker"]
# Asks the worker whether it polls for tasks and Temporal responds. Before it polls it registers search attributes, which takes Temporal
# up to 90 seconds.
HEALTHCHECK --interval=5s --timeout=8s --start-period=180s \
  CMD ["bash", "docker/worker-health.sh"]
