using SessionCluster.Silo.Hosting;

return await ProgramRun.Run(args, arguments => SiloHost.Build(arguments));
