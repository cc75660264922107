# Two stages: the tools stay behind. BASE may also be debian:bookworm-slim.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
COPY . /src
# ./kt installs what cmake/packages.txt lists and builds; then the packages that own the libraries the binary links to.
RUN /src/kt which && strip -o /kt /src/build/release/kt \
    && ldd /kt | awk '/=> \// { print $3 }' | xargs -n1 basename | sed 's|^|*/|' | xargs -n1 dpkg -S \
    | cut -d: -f1 | sort -u > /packages

FROM ${BASE}
COPY --from=build /kt /usr/local/bin/kt
COPY --from=build /packages /tmp/packages
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates $(cat /tmp/packages) \
    && rm -rf /var/lib/apt/lists/* /tmp/packages && mkdir -p /etc/kt && install -d -o 65532 -g 65532 /var/lib/kt
USER 65532:65532
WORKDIR /var/lib/kt
EXPOSE 41002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["kt", "gateway", "status"]
ENTRYPOINT ["kt"]
CMD ["gateway", "run", "--listen", "0.0.0.0:41002", "--policy-config", "/etc/kt/policy-config.yaml", "--state-dir", "/var/lib/kt"]
