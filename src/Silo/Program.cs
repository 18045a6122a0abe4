using SessionCluster.Api.Hosting;
using SessionCluster.Silo.Hosting;

return await ProgramRun.Run(() => SiloHost.Build(args));
