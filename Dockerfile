# Two images: docker build --target silo (the server), --target api (HTTP alone, beside a cluster).
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Silo -c Release -p:PublishDir=/out/silo \
 && dotnet publish src/Api -c Release -p:PublishDir=/out/api

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble AS run
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /run/secrets && install -d -m 700 -o $APP_UID /data
ENV ASPNETCORE_URLS=http://*:8080 Secrets__Path=/run/secrets Data__Path=/data
EXPOSE 8080
USER $APP_UID
WORKDIR /app

FROM run AS silo
EXPOSE 11111 30000
COPY --from=build /out/silo .
ENTRYPOINT ["dotnet", "SessionCluster.Silo.dll"]

FROM run AS api
COPY --from=build /out/api .
ENTRYPOINT ["dotnet", "SessionCluster.Api.dll"]
