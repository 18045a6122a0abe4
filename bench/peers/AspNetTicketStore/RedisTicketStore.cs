using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace SessionCluster.Bench.AspNetTicketStore;

/// <summary>Tickets as Redis strings with a lifetime.</summary>
internal sealed class RedisTicketStore(RedisConnection redis) : ITicketStore
{
    private static readonly byte[] Set = "SET"u8.ToArray();
    private static readonly byte[] Get = "GET"u8.ToArray();
    private static readonly byte[] Del = "DEL"u8.ToArray();
    private static readonly byte[] Ex = "EX"u8.ToArray();

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = Guid.NewGuid().ToString("N");
        await RenewAsync(key, ticket);
        return key;
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        var lifetime = ticket.Properties.ExpiresUtc!.Value - TimeProvider.System.GetUtcNow();
        var seconds = ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return redis.SendAsync(Set, Name(key), TicketSerializer.Default.Serialize(ticket), Ex, Encoding.ASCII.GetBytes(seconds));
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key) =>
        await redis.SendAsync(Get, Name(key)) is { } value ? TicketSerializer.Default.Deserialize(value) : null;

    public Task RemoveAsync(string key) => redis.SendAsync(Del, Name(key));

    private static byte[] Name(string key) => Encoding.ASCII.GetBytes("ticket:" + key);
}
