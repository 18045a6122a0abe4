namespace SessionCluster.Api.Keys;

/// <summary>What an api key allows.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>Log users in, keep data, end sessions by token.</summary>
    Login = 1,

    /// <summary>Check sessions by token.</summary>
    Validate = 2,

    /// <summary>Read sessions, users and events.</summary>
    Read = 4,

    /// <summary>End sessions, activate and deactivate users, configure stages and alerts.</summary>
    Manage = 8,

    All = Login | Validate | Read | Manage,
}

/// <summary>A service that may call.</summary>
/// <param name="Name">Its name, as logs and idempotency keys know it.</param>
/// <param name="Sha256">SHA-256 of the key's UTF-8 text, 32 bytes. The key itself is kept nowhere.</param>
internal sealed record ApiKey(string Name, byte[] Sha256, Roles Roles);
