return await ProgramRun.Run(args, arguments => ApiHost.Build(arguments));
