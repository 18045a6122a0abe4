using System.Reflection;

namespace SessionCluster.Testing;

/// <summary>A wide interface of which a test makes up the few members that are called; the others refuse.</summary>
public class Stub : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = null!;

    /// <summary>Makes one.</summary>
    /// <param name="answer">What a call of a member with arguments returns.</param>
    public static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var stub = Create<T, Stub>();
        ((Stub)(object)stub)._answer = answer;
        return stub;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}
