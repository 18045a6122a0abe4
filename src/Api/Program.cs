using SessionCluster.Api.Hosting;

return await ProgramRun.Run(args, arguments => ApiHost.Build(arguments));
