namespace SessionCluster.Calls;

/// <summary>What this engine's side calls.</summary>
internal static class Target
{
    public static Task<ITarget> Start(string[] args) => args.Length == 0
        ? CallTarget.Start()
        : throw new ArgumentException("Only checks are called here.", nameof(args));
}
