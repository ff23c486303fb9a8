# One image for every service and for the operator: `node /app/<name>.mjs` says which. Nothing in it needs a shell or a
# writable root. BASE_IMAGE brings Node 24 or newer. The bundles are made here, or, with `--target prebuilt`, taken from
# the build context's folder `app`, where esbuild.config.ts wrote them: then nothing is fetched.
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
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /app
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "/app/healthcheck.mjs"]
ENTRYPOINT []
CMD ["node", "/app/operator.mjs"]

FROM runtime AS prebuilt
COPY app /app

FROM runtime
COPY --from=bundle /app /app
