# syntax=docker/dockerfile:1
# The gateway for production: `node src/main.ts`, on databases, keys and certificates that the settings name.

FROM node:24-bookworm-slim AS packages
WORKDIR /gateway
COPY package.json package-lock.json ./
# No development package, so neither the embedded PostgreSQL nor what makes development certificates.
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /gateway
# Nothing in the image runs npm: what isn't there can't be used.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-*
COPY --from=packages /gateway/node_modules node_modules
COPY . .
# Owned by root, run by another: the program can't change itself.
USER node
EXPOSE 8443 8444 8445 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://${process.env.GATEWAY_OPERATIONS_HOST ?? '127.0.0.1'}:${process.env.GATEWAY_OPERATIONS_PORT ?? 9464}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
