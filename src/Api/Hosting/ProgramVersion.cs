using System.Reflection;

namespace SessionCluster.Api.Hosting;

public static class ProgramVersion
{
    /// <summary>As <c>0.1.0</c>, without what names a commit.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
