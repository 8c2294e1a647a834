# Aisle, all of it but the cameras: every service of docker-compose.yml and k8s/
# runs this image with its own -target. By itself it is a shop in a box, with
# its data in /var/lib/aisle:
#
#   docker build -t aisle . && docker run -p 8080:8080 -v aisle:/var/lib/aisle aisle

FROM node:20-bookworm-slim AS web
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.base.json ./
COPY packages packages
COPY web web
COPY dashboards dashboards
COPY e2e/package.json e2e/
COPY services/console/openapi.yaml services/console/
COPY scripts/pack.mjs scripts/
RUN PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/services/console/apps/dist services/console/apps/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/aisle ./services/aisle

FROM debian:12-slim
RUN apt-get update \
	&& apt-get install -y --no-install-recommends ca-certificates redis-server tzdata \
	&& rm -rf /var/lib/apt/lists/* \
	&& useradd --system --uid 10001 --home-dir /var/lib/aisle --create-home aisle
COPY --from=build /out/aisle /usr/local/bin/aisle
USER 10001:10001
WORKDIR /var/lib/aisle
VOLUME /var/lib/aisle
EXPOSE 8080 1883
ENTRYPOINT ["aisle"]
CMD ["-listen", "0.0.0.0:8080", "-data", "/var/lib/aisle"]
