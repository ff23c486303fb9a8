# One image for all services and the operator: `node /app/<name>.mjs` starts one of them. It needs no shell and no
# writable root. BASE_IMAGE must have Node 24 or newer. By default this file builds the bundles. With
# `--target prebuilt` it copies them from the folder `app` of the build context, where esbuild.config.ts wrote them, and
# downloads no packages. `kubectl-tradingstack` in /app/bin is for people: run it in the image, or copy it from there.
ARG BASE_IMAGE=docker.io/library/node:26-bookworm-slim@sha256:367679cf9792759492a486e4aa4b421764d71a9546a6dae8aab81a99eb797b3e

FROM ${BASE_IMAGE} AS bundle
WORKDIR /source
COPY package.json package-lock.json ./
RUN ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
COPY . .
RUN ["node", "esbuild.config.ts", "/app"]

FROM ${BASE_IMAGE} AS runtime
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="tradingstack" \
      org.opencontainers.image.description="The operator and the services of a TradingStack" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps PATH=/app/bin:$PATH
WORKDIR /app
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "/app/healthcheck.mjs"]
ENTRYPOINT []
CMD ["node", "/app/operator.mjs"]

FROM runtime AS prebuilt
COPY app /app

FROM runtime
COPY --from=bundle /app /app
