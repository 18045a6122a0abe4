using SessionCluster.Api.Hosting;

return await ProgramRun.Run(() => ApiHost.Build(args));
