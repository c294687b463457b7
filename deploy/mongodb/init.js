// Makes the replica set of one member and the application's own user. Every start runs it; what is there already stays,
// except that the user's password becomes what the environment says now.
const env = process.env;
const server = `mongodb://${encodeURIComponent(env.MONGODB_ROOT_USER)}:${encodeURIComponent(env.MONGODB_ROOT_PASSWORD)}`
  + `@mongodb:27017/admin?directConnection=true`;
const admin = patiently("the server does not answer", () => connect(server).getSiblingDB("admin"));

const NOT_YET_INITIALIZED = 94;
try {
  admin.adminCommand({ replSetGetStatus: 1 }).ok;
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error;
  admin.adminCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] } });
}

patiently("the replica set has no primary", () => admin.hello().isWritablePrimary);

const user = {
  pwd: env.MONGODB_APP_PASSWORD,
  roles: [{ role: "readWrite", db: env.MONGODB_DATABASE }, { role: "dbAdmin", db: env.MONGODB_DATABASE }],
};
if (admin.getUser("homecare") === null) {
  admin.createUser({ user: "homecare", ...user });
} else {
  admin.updateUser("homecare", user);
}
function patiently(complaint, attempt) {
  for (let tries = 0; tries < 60; tries += 1) {
    try {
      const result = attempt();
      if (result) return result;
    } catch (error) {
      print(`${complaint} yet: ${error.message}`);
    }
    sleep(1000);
  }
  throw new Error(`${complaint} after 60 s`);
}

print("the replica set has a primary and the application has its user");
