namespace SessionCluster.Api.Flows;

internal enum FlowAnswerKind
{
    /// <summary>The stage asks whether to stay signed in.</summary>
    Challenge,

    /// <summary>The login is refused.</summary>
    Denied,

    /// <summary>The login is committed and effective, and the plan used up.</summary>
    LoggedIn,
}

/// <summary>What came of a plan, once it is effective.</summary>
/// <param name="User">The pending user, as far as there is one.</param>
/// <param name="Error">Why it is denied.</param>
/// <param name="Next">Where the browser goes after the login.</param>
internal sealed record FlowAnswer(FlowAnswerKind Kind, UserFacts? User, string Error, string Next, LoginAnswer? Login)
{
    public static FlowAnswer Denied(UserFacts? user, string error) => new(FlowAnswerKind.Denied, user, error, "", null);
}

/// <summary>A plan that can be answered, and its login with the stage as it is now.</summary>
internal sealed record OpenPlan(PlanId Id, PlanInfo Plan, LoginCommand Login)
{
    public UserFacts User => Login.User;

    public StageInfo Stage => Login.Stage;

    /// <summary>By which the forms of its page say whom they ask about. It opens nothing: no plan is found by it.</summary>
    public string Mark => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"ask\n{Id}")).AsSpan(0, 16));
}
