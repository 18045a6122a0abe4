using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Commits;
using SessionCluster.Api.Input;
using SessionCluster.Api.Problems;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Sessions;

/// <summary>
/// <c>DELETE /api/v3/core/authenticated_sessions/bulk_delete/</c>: ends all sessions of up to 100 users. Atomic per user: when it
/// fails on the way some users' sessions have ended and others' not; repeating it is safe.
/// </summary>
internal sealed class BulkDeleteEndpoint(CommitThenTell commits, ConnectionClient connection)
{
    /// <summary>Most users in one call.</summary>
    public const int MaxUsers = 100;

    /// <summary>Users at a time.</summary>
    private const int Batch = 10;

    private const string Field = "user_pks";

    public async Task Delete(HttpContext context, Caller caller)
    {
        var errors = new FieldErrors();
        var users = Users(context.Request.Query, errors);
        var idempotency = IdempotencyKey.Read(context, caller, [], out var faultyKey);
        if (faultyKey is not null)
        {
            errors.Add(IdempotencyKey.Header, faultyKey);
        }

        if (errors.Any)
        {
            await ProblemAnswer.Invalid(context, errors);
            return;
        }

        var command = new EndCommand(null, null, EndReason.RevokedByAdmin, null, connection.Facts(context), null, idempotency, caller.Key?.Name);
        var deleted = 0;
        foreach (var batch in users.Chunk(Batch))
        {
            var receipts = await Task.WhenAll(batch.Select(user => commits.End(user, command)));
            if (receipts.Any(receipt => receipt is null))
            {
                await IdempotencyKey.Reused(context);
                return;
            }

            deleted += receipts.Sum(receipt => receipt!.Ended.Length);
        }

        await JsonAnswer.Write(context, StatusCodes.Status200OK, deleted, static (writer, count) =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("deleted"u8, count);
            writer.WriteEndObject();
        });
    }

    private static List<UserId> Users(IQueryCollection query, FieldErrors errors)
    {
        var texts = new QueryReader(query, errors).Many(Field, MaxUsers);
        var users = new List<UserId>(texts.Count);
        foreach (var text in texts.Distinct(StringComparer.Ordinal))
        {
            if (UserId.TryParse(text, out var user))
            {
                users.Add(user);
            }
            else
            {
                errors.Add(Field, $"Each must have 1 to {UserId.MaxLength} characters.");
            }
        }

        if (texts.Count == 0 && !errors.Any)
        {
            errors.Add(Field, ObjectReader.Required);
        }

        return users;
    }
}
