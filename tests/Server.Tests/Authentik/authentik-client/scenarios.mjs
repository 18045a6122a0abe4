// Every call that authentik's published client and this server share, made by that client, unmodified.
// node scenarios.mjs <scenario> <url> <api key>: ends with 0, or with what did not hold.
import assert from "node:assert/strict";
import client from "@goauthentik/api";

const [scenario, url, key] = process.argv.slice(2);
const basePath = `${url.replace(/\/$/, "")}/api/v3`;
const asService = new client.Configuration({ basePath, accessToken: key });
const asBrowser = new client.Configuration({ basePath });
const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

const core = new client.CoreApi(asService);
const stages = new client.StagesApi(asService);
const events = new client.EventsApi(asService);

// What authentik has no counterpart for is called plainly.
async function post(path, body) {
    const response = await fetch(`${basePath}${path}`, {
        method: "POST",
        headers: { "Authorization": `Bearer ${key}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
    });
    const answer = await response.json();
    assert.ok(response.ok, `${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
}

const userOf = (pk) => ({ pk, username: `jane-${pk}`, email: `jane-${pk}@example.test`, name: "Jane" });

const logIn = (pk, ip = "192.0.2.1") =>
    post("/sessions/", { stage: "default", pending_user: userOf(pk), client: { ip, user_agent: agent, method: "POST", path: "/login" } });

const isActive = async (token) =>
    (await post("/sessions/validate/", { token, client: { ip: "192.0.2.1", user_agent: agent, method: "GET", path: "/" } })).active;

async function refused(call, status) {
    const error = await call.then(() => assert.fail("It was not refused."), (e) => e);
    assert.ok(error instanceof client.ResponseError, `${error}`);
    assert.equal(error.response.status, status);
    return error.response.json();
}

async function flows() {
    const stage = await stages.stagesUserLoginCreate({ userLoginStageRequest: { name: "asking", rememberMeOffset: "days=14" } });
    const flowSlug = "default-authentication-flow";
    const plan = async (pk) => (await post("/flows/plans/", {
        flow_slug: flowSlug, stage: stage.name, pending_user: pk === null ? null : userOf(pk), context: { next: "/welcome" },
        client: { ip: "192.0.2.1", user_agent: agent },
    })).plan;

    for (const [configuration, pk, rememberMe, days] of [[asService, 101, true, 14], [asBrowser, 102, false, 1]]) {
        const api = new client.FlowsApi(configuration);
        const query = new URLSearchParams({ plan: await plan(pk) }).toString();

        const challenge = await api.flowsExecutorGet({ flowSlug, query });
        assert.equal(challenge.component, "ak-stage-user-login");
        assert.equal(challenge.pendingUser, `jane-${pk}`);
        assert.ok(challenge.pendingUserAvatar.length > 0);
        assert.equal(challenge.flowInfo.layout, "stacked");
        assert.equal(challenge.flowInfo.cancelUrl, "/");
        assert.ok(challenge.flowInfo.title.length > 0);

        const again = await api.flowsExecutorSolve({ flowSlug, query, flowChallengeResponseRequest: { component: "ak-stage-user-login" } });
        assert.equal(again.component, "ak-stage-user-login");
        assert.equal(again.responseErrors.remember_me[0].code, "required");

        const answer = { component: "ak-stage-user-login", rememberMe };
        const done = await api.flowsExecutorSolve({ flowSlug, query, flowChallengeResponseRequest: answer });
        assert.equal(done.component, "xak-flow-redirect");
        assert.equal(done.to, "/welcome");

        const { results } = await core.coreAuthenticatedSessionsList({ userUsername: `jane-${pk}` });
        assert.equal(results.length, 1);
        assert.equal(results[0].lastIp, "192.0.2.1");
        assert.equal(Math.round((results[0].expires - results[0].lastUsed) / 86_400_000), days);

        const used = await api.flowsExecutorGet({ flowSlug, query });
        assert.equal(used.component, "ak-stage-access-denied");
        assert.equal(used.errorMessage, "No Pending user to login.");
    }

    const query = new URLSearchParams({ plan: await plan(null) }).toString();
    const denied = await new client.FlowsApi(asBrowser).flowsExecutorGet({ flowSlug, query });
    assert.equal(denied.component, "ak-stage-access-denied");
    assert.equal(denied.errorMessage, "No Pending user to login.");
}

async function userLoginStages() {
    const created = await stages.stagesUserLoginCreate({
        userLoginStageRequest: { name: "strict", sessionDuration: "hours=1, minutes=30", networkBinding: "bind_asn", rememberDevice: "days=7" },
    });
    assert.equal(created.name, "strict");
    assert.equal(created.sessionDuration, "hours=1, minutes=30");
    assert.equal(created.networkBinding, client.NetworkBindingEnum.BindAsn);
    assert.equal(created.geoipBinding, client.GeoipBindingEnum.NoBinding);
    assert.equal(created.rememberDevice, "days=7");
    assert.equal(created.rememberMeOffset, "seconds=0");
    assert.equal(created.terminateOtherSessions, false);
    assert.equal(created.component, "ak-stage-user-login-form");
    assert.deepEqual(created.flowSet, []);

    const stageUuid = created.pk;
    assert.deepEqual(await stages.stagesUserLoginRetrieve({ stageUuid }), created);
    assert.deepEqual(await stages.stagesUserLoginUsedByList({ stageUuid }), []);

    const patched = await stages.stagesUserLoginPartialUpdate({ stageUuid, patchedUserLoginStageRequest: { terminateOtherSessions: true } });
    assert.deepEqual(patched, { ...created, terminateOtherSessions: true });
    const put = await stages.stagesUserLoginUpdate({ stageUuid, userLoginStageRequest: { name: "stricter", geoipBinding: "bind_continent" } });
    assert.deepEqual(put, { ...patched, name: "stricter", geoipBinding: "bind_continent" });

    const list = await stages.stagesUserLoginList({ ordering: "name", pageSize: 100 });
    assert.deepEqual(list.results.map((stage) => stage.name), ["default", "stricter"]);
    assert.equal(list.pagination.count, 2);
    const found = await stages.stagesUserLoginList({ networkBinding: "bind_asn", terminateOtherSessions: true });
    assert.deepEqual(found.results, [put]);
    assert.equal((await stages.stagesUserLoginList({ pageSize: 1, page: 2 })).pagination.previous, 1);

    const problem = await refused(
        stages.stagesUserLoginPartialUpdate({ stageUuid, patchedUserLoginStageRequest: { sessionDuration: "an hour" } }), 400);
    assert.equal(problem.session_duration.length, 1);
    await stages.stagesUserLoginDestroy({ stageUuid });
    await refused(stages.stagesUserLoginRetrieve({ stageUuid }), 404);
}

async function authenticatedSessions() {
    const first = await logIn(1);
    const second = await logIn(1, "192.0.2.2");
    const others = [await logIn(2), await logIn(2), await logIn(3), await logIn(4)];

    const list = await core.coreAuthenticatedSessionsList({ userUsername: "jane-1", ordering: "-last_ip" });
    assert.deepEqual(list.results.map((session) => session.uuid), [second.session.uuid, first.session.uuid]);
    assert.equal(list.pagination.count, 2);
    assert.equal((await core.coreAuthenticatedSessionsList({ sessionLastIp: "192.0.2.2" })).results[0].uuid, second.session.uuid);
    assert.equal((await core.coreAuthenticatedSessionsList({ sessionLastUserAgent: agent })).pagination.count, 6);
    assert.equal((await core.coreAuthenticatedSessionsList({ search: "jane-2" })).pagination.count, 2);
    const paged = await core.coreAuthenticatedSessionsList({ pageSize: 4, page: 2 });
    assert.equal(paged.results.length, 2);
    assert.deepEqual([paged.pagination.previous, paged.pagination.next, paged.pagination.totalPages], [1, 0, 2]);

    const uuid = first.session.uuid;
    const session = await core.coreAuthenticatedSessionsRetrieve({ uuid });
    assert.deepEqual(session, list.results[1]);
    assert.equal(session.user, 1);
    assert.equal(session.current, false);
    assert.equal(session.lastUserAgent, agent);
    assert.equal(session.userAgent.userAgent.family, "Firefox");
    assert.equal(session.userAgent.userAgent.major, "130");
    assert.equal(session.userAgent.os.family, "Linux");
    assert.equal(session.userAgent.string, agent);
    assert.equal(session.geoIp, null);
    assert.equal(session.asn, null);
    assert.equal(session.expires.toISOString(), new Date(first.session.expires).toISOString());
    assert.ok(session.lastUsed instanceof Date && session.lastUsed <= session.expires);
    assert.deepEqual(await core.coreAuthenticatedSessionsUsedByList({ uuid }), []);

    await core.coreAuthenticatedSessionsDestroy({ uuid });
    assert.equal(await isActive(first.token), false);
    assert.equal(await isActive(second.token), true);
    await refused(core.coreAuthenticatedSessionsRetrieve({ uuid }), 404);
    await refused(core.coreAuthenticatedSessionsDestroy({ uuid }), 404);

    assert.deepEqual(await core.coreAuthenticatedSessionsBulkDeleteDestroy({ userPks: [2, 3] }), { deleted: 3 });
    assert.deepEqual(await Promise.all(others.map((other) => isActive(other.token))), [false, false, false, true]);
    assert.deepEqual(await core.coreAuthenticatedSessionsBulkDeleteDestroy({ userPks: [2, 3] }), { deleted: 0 });
}

async function eventLog() {
    const { session } = await logIn(1, "192.0.2.7");
    await logIn(2);
    await core.coreAuthenticatedSessionsDestroy({ uuid: session.uuid });

    const all = await events.eventsEventsList({ username: "jane-1", ordering: "-created" });
    assert.deepEqual(all.results.map((event) => event.action), [client.EventActions.Logout, client.EventActions.Login]);
    const [logout, login] = all.results;
    assert.equal(login.context.session_uuid, session.uuid);
    assert.equal(login.context.auth_method, "password");
    assert.equal(login.context.http_request.user_agent, agent);
    assert.equal(login.clientIp, "192.0.2.7");
    assert.deepEqual(login.user, { pk: 1, username: "jane-1", email: "jane-1@example.test" });
    assert.equal(logout.context.session_uuid, session.uuid);
    assert.ok(logout.created >= login.created);
    assert.equal(login.expires - login.created, 365 * 86_400_000);

    const pks = async (filter) => (await events.eventsEventsList({ ordering: "created", ...filter })).results.map((event) => event.pk);
    assert.deepEqual(await pks({ username: "jane-1", action: "logout" }), [logout.pk]);
    assert.deepEqual(await pks({ username: "jane-1", actions: ["login", "logout"] }), [login.pk, logout.pk]);
    assert.deepEqual(await pks({ clientIp: "192.0.2.7" }), [login.pk]);
    assert.deepEqual(await pks({ search: "192.0.2.7" }), [login.pk]);
    assert.deepEqual(await pks({ username: "jane-1", pageSize: 1, page: 2 }), [logout.pk]);
    assert.ok((await refused(events.eventsEventsList({ brandName: "x" }), 400)).brand_name.length > 0);

    assert.deepEqual(await events.eventsEventsRetrieve({ eventUuid: login.pk }), login);
    await refused(events.eventsEventsRetrieve({ eventUuid: "00000000-0000-4000-8000-000000000000" }), 404);
}

// The whole chain: a transport, a rule, a matcher, a binding, and the notification that a login sets off.
async function alerts() {
    const policies = new client.PoliciesApi(asService);
    const transport = await events.eventsTransportsCreate({ notificationTransportRequest: { name: "bell", mode: "local", sendOnce: true } });
    assert.deepEqual([transport.mode, transport.webhookMappingBody, transport.sendOnce], ["local", undefined, true]);
    assert.ok(transport.modeVerbose.length > 0);
    assert.equal((await events.eventsTransportsTestCreate({ uuid: transport.pk })).messages.length, 1);

    const rule = await events.eventsRulesCreate({
        notificationRuleRequest: { name: "unknown device", transports: [transport.pk], severity: client.SeverityEnum.Alert, destinationEventUser: true },
    });
    assert.deepEqual([rule.transports, rule.severity, rule.destinationEventUser, rule.destinationGroupObj], [[transport.pk], "alert", true, null]);
    const matcher = await policies.policiesEventMatcherCreate({
        eventMatcherPolicyRequest: {
            name: "login on an unknown device", action: client.EventActions.Login, clientIp: null, app: null, model: null,
            query: "context.auth_method_args.known_device = False",
        },
    });
    assert.deepEqual([matcher.action, matcher.boundTo, matcher.component], ["login", 0, "ak-policy-event-matcher-form"]);
    const binding = await policies.policiesBindingsCreate({ policyBindingRequest: { policy: matcher.pk, target: rule.pk, order: 0, enabled: true, negate: false } });
    assert.deepEqual([binding.policy, binding.target, binding.policyObj.name, binding.timeout], [matcher.pk, rule.pk, matcher.name, 30]);

    const { token, session } = await logIn(7);
    const own = new client.EventsApi(new client.Configuration({ basePath, headers: { Authorization: `Session ${token}` } }));
    let list = { results: [] };
    for (const end = Date.now() + 30_000; list.results.length === 0 && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
        list = await own.eventsNotificationsList({ seen: false });
    }

    assert.equal(list.pagination.count, 1);
    const [notification] = list.results;
    assert.deepEqual([notification.severity, notification.seen, notification.event.context.session_uuid], ["alert", false, session.uuid]);
    assert.ok(notification.body.includes("jane-7"));
    assert.deepEqual(await own.eventsNotificationsRetrieve({ uuid: notification.pk }), notification);
    assert.equal((await own.eventsNotificationsPartialUpdate({ uuid: notification.pk, patchedNotificationRequest: { seen: true } })).seen, true);
    await own.eventsNotificationsMarkAllSeenCreate();
    assert.equal((await own.eventsNotificationsList({ seen: false })).pagination.count, 0);
    await own.eventsNotificationsDestroy({ uuid: notification.pk });
    await refused(own.eventsNotificationsRetrieve({ uuid: notification.pk }), 404);
    await refused(events.eventsNotificationsList(), 401);

    const [uuid, pbmUuid, policyUuid, policyBindingUuid] = [transport.pk, rule.pk, matcher.pk, binding.pk];
    assert.deepEqual((await events.eventsTransportsList({ mode: "local", ordering: "name" })).results.map(({ name }) => name), ["bell", "default-local-transport"]);
    assert.deepEqual((await policies.policiesBindingsList({ target: pbmUuid })).results, [binding]);
    assert.equal((await policies.policiesEventMatcherRetrieve({ policyUuid })).boundTo, 1);
    assert.deepEqual((await events.eventsTransportsUsedByList({ uuid })).map(({ pk, modelName, action }) => [pk, modelName, action]), [[pbmUuid, "notificationrule", "cascade_many"]]);
    assert.deepEqual((await events.eventsRulesUsedByList({ pbmUuid })).map(({ pk, modelName, action }) => [pk, modelName, action]), [[policyBindingUuid, "policybinding", "cascade"]]);
    assert.deepEqual(await policies.policiesEventMatcherUsedByList({ policyUuid }), await events.eventsRulesUsedByList({ pbmUuid }));
    assert.deepEqual(await events.eventsRulesRetrieve({ pbmUuid }), rule);
    assert.equal((await events.eventsRulesPartialUpdate({ pbmUuid, patchedNotificationRuleRequest: { severity: "notice" } })).severity, "notice");
    assert.equal((await policies.policiesBindingsPartialUpdate({ policyBindingUuid, patchedPolicyBindingRequest: { negate: true } })).negate, true);
    const put = await events.eventsTransportsUpdate({ uuid, notificationTransportRequest: { name: "a louder bell" } });
    assert.deepEqual(put, { ...transport, name: "a louder bell" });
    const fault = await refused(policies.policiesEventMatcherPartialUpdate({ policyUuid, patchedEventMatcherPolicyRequest: { query: "action ==" } }), 400);
    assert.ok(fault.query[0].startsWith("At character 9:"));

    await policies.policiesBindingsDestroy({ policyBindingUuid });
    await policies.policiesEventMatcherDestroy({ policyUuid });
    await events.eventsRulesDestroy({ pbmUuid });
    await events.eventsTransportsDestroy({ uuid });
    await refused(events.eventsTransportsRetrieve({ uuid }), 404);
}

async function credentials() {
    const nobody = new client.CoreApi(asBrowser);
    assert.equal((await refused(nobody.coreAuthenticatedSessionsList(), 401)).type, "unauthenticated");
}

const scenarios = { flows, userLoginStages, authenticatedSessions, eventLog, alerts, credentials };
assert.ok(scenarios[scenario], `There is no scenario ${scenario}.`);
await scenarios[scenario]();
